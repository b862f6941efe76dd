/** All that writes to this phone's disk, in one file that the first view does not wait for. */
export { Memory } from '../memory.ts'
export { freshOf } from './fresh.ts'
export { Shelf } from './shelf.ts'
export { openStores } from './stores.ts'
