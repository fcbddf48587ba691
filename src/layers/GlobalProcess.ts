/**
 * `node:process`, without its streams: the module makes all three of them when it is loaded, which takes as long as a
 * quarter of Node's own start, and most commands only write. The build puts this in the place of the original.
 */
const { execPath, kill, pid, platform, versions } = globalThis.process

export { execPath, kill, pid, platform, versions }

export default globalThis.process
