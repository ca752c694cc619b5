// Suites run from their TypeScript: types are taken off by esbuild, file by file. What types say is checked by `npm run check`.
import { register } from 'node:module'

register('./hooks.mjs', import.meta.url)
