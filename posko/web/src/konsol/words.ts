import enCommon from '../words/common/en.json' with { type: 'json' }
import enField from '../words/field/en.json' with { type: 'json' }
import enKonsol from '../words/konsol/en.json' with { type: 'json' }
import enPrint from '../words/print/en.json' with { type: 'json' }
import enShared from '../words/shared/en.json' with { type: 'json' }
import idCommon from '../words/common/id.json' with { type: 'json' }
import idField from '../words/field/id.json' with { type: 'json' }
import idKonsol from '../words/konsol/id.json' with { type: 'json' }
import idPrint from '../words/print/id.json' with { type: 'json' }
import idShared from '../words/shared/id.json' with { type: 'json' }

/** What this page reads out of the catalogue at first. */
export const CATALOGUES = {
  id: { ...idShared, ...idCommon, ...idField, ...idKonsol, ...idPrint },
  en: { ...enShared, ...enCommon, ...enField, ...enKonsol, ...enPrint },
}
