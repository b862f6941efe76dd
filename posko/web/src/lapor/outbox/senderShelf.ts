import type { KeptAct } from './act.ts'
import type { KeptPhoto } from './kept.ts'
import { Shelf } from './shelf.ts'

/** The shelf as who sends has it: what only they write. */
export class SenderShelf extends Shelf {
  /** Somebody wants them now, or the network is back: nothing of an account waits by itself any more. */
  urge(account: number): Promise<void> {
    return this.database.use(async (stores) => {
      const transaction = stores.transaction(['items', 'acts'], 'readwrite')
      const [items, acts] = [transaction.objectStore('items'), transaction.objectStore('acts')]
      for (const item of await items.index('account').getAll(account)) {
        if (item.next_at || item.photos.some(({ standing, next_at }) => standing === 'antre' && next_at > 0)) await items.put({ ...item, next_at: null, photos: item.photos.map((photo) => ({ ...photo, next_at: 0 })) })
      }
      for (const act of await acts.index('account').getAll(account)) if (act.next_at) await acts.put({ ...act, next_at: null })
      await transaction.done
    })
  }

  /** Writes down how it stands now. */
  async putAct(act: KeptAct): Promise<void> {
    await this.making(() => this.database.use((stores) => stores.put('acts', act)))
  }

  /** Writes down how a photo stands; its bytes go once they are of no more use. */
  takePhoto(id: string, photo: KeptPhoto): Promise<void> {
    return this.database.use(async (stores) => {
      const transaction = stores.transaction(['items', 'films'], 'readwrite')
      const item = await transaction.objectStore('items').index('id').get(id)
      if (item) await transaction.objectStore('items').put({ ...item, photos: item.photos.map((one) => (one.sha256 === photo.sha256 ? photo : one)) })
      if (!item || photo.standing !== 'antre') await transaction.objectStore('films').delete([id, photo.sha256])
      await transaction.done
    })
  }
}
