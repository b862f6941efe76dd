import enField from '../words/field/en.json' with { type: 'json' }
import enGaya from '../words/gaya/en.json' with { type: 'json' }
import enKonsol from '../words/konsol/en.json' with { type: 'json' }
import enShared from '../words/shared/en.json' with { type: 'json' }
import idField from '../words/field/id.json' with { type: 'json' }
import idGaya from '../words/gaya/id.json' with { type: 'json' }
import idKonsol from '../words/konsol/id.json' with { type: 'json' }
import idShared from '../words/shared/id.json' with { type: 'json' }

/** What this page reads out of the catalogue. */
export const CATALOGUES = {
  id: { ...idShared, ...idField, ...idKonsol, ...idGaya },
  en: { ...enShared, ...enField, ...enKonsol, ...enGaya },
}
