/** Where messages go: the words of a routing key between its version and the type of the message. */

/** To the platform, from a department: `up.150902.12150902PDY00001X4`. */
export const upAddress = ({ region, department }: { region: string; department: string }): string => `up.${region}.${department}`

/** To one gateway, from the platform; also the name of its queue. */
export const downAddress = (gateway: string): string => `down.${gateway}`
