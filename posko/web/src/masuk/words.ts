import enDoor from '../words/door/en.json' with { type: 'json' }
import enShared from '../words/shared/en.json' with { type: 'json' }
import idDoor from '../words/door/id.json' with { type: 'json' }
import idShared from '../words/shared/id.json' with { type: 'json' }

/** What this page reads out of the catalogue. */
export const CATALOGUES = {
  id: { ...idShared, ...idDoor },
  en: { ...enShared, ...enDoor },
}
