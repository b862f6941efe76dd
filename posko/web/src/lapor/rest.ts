import Notices from './Notices.svelte'
import Screen from './Screen.svelte'
import Tabs from './Tabs.svelte'
import Lists from './tugas/Lists.svelte'

/** What stands around the first view, in one file that it does not wait for. */
export default { Lists, Notices, Screen, Tabs }
