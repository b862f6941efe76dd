/** The steps that are not the first thing most people see: one file, fetched while the name and password are typed. */
export { default as Code } from './Code.svelte'
export { default as Device } from './Device.svelte'
export { default as Enrol } from './Enrol.svelte'
export { default as Factor } from './Factor.svelte'
export { default as SeatChoice } from './SeatChoice.svelte'
export { default as TypedCode } from './TypedCode.svelte'
