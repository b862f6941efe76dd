/** The enrolled device that this browser is: its key, which no script can read out, in IndexedDB. */

export interface KeptDevice {
  /** As the server knows it; null until it does. */
  id: number | null
  name: string
  /** Whose device it is. */
  owner: string
  key: CryptoKey
}

type Place = 'device' | 'candidate'

const DATABASE = 'posko'
const STORE = 'devices'

export async function keptDevice(): Promise<KeptDevice | null> {
  try {
    if (!(await isThere())) return null
    const found = await using<KeptDevice | undefined>('readonly', (store) => store.get('device'))
    return found && found.id !== null ? found : null
  } catch {
    return null
  }
}

export async function keepDevice(device: KeptDevice, place: Place = 'device'): Promise<void> {
  await using('readwrite', (store) => store.put(device, place))
}

export async function forgetDevice(place: Place = 'device'): Promise<void> {
  await using('readwrite', (store) => store.delete(place)).catch(() => undefined)
}

async function using<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await opened()
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode)
      const request = work(transaction.objectStore(STORE))
      transaction.oncomplete = () => resolve(request.result)
      transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error('aborted'))
    })
  } finally {
    database.close()
  }
}

/** Making the database takes an old phone half a second; most have no device in it. */
async function isThere(): Promise<boolean> {
  // Firefox before 126 cannot say.
  if (!('databases' in indexedDB)) return true
  return (await indexedDB.databases()).some(({ name }) => name === DATABASE)
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE)
    request.onsuccess = () => resolve(request.result)
    request.onerror = request.onblocked = () => reject(request.error ?? new Error('blocked'))
  })
}
