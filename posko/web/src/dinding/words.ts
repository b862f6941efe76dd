import enCommon from '../words/common/en.json' with { type: 'json' }
import enDinding from '../words/dinding/en.json' with { type: 'json' }
import enField from '../words/field/en.json' with { type: 'json' }
import enShared from '../words/shared/en.json' with { type: 'json' }
import idCommon from '../words/common/id.json' with { type: 'json' }
import idDinding from '../words/dinding/id.json' with { type: 'json' }
import idField from '../words/field/id.json' with { type: 'json' }
import idShared from '../words/shared/id.json' with { type: 'json' }

/** What this page reads out of the catalogue. */
export const CATALOGUES = {
  id: { ...idShared, ...idCommon, ...idField, ...idDinding },
  en: { ...enShared, ...enCommon, ...enField, ...enDinding },
}
