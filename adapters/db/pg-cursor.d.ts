declare module 'pg-cursor' {
  import type { CustomTypesConfig, Submittable } from 'pg'

  export default class Cursor implements Submittable {
    constructor(text: string, values: unknown[], config: { rowMode: 'array'; types: CustomTypesConfig })
    read(rows: number): Promise<(string | null)[][]>
    submit: Submittable['submit']
  }
}
