import enCommon from '../words/common/en.json' with { type: 'json' }
import enLanding from '../words/landing/en.json' with { type: 'json' }
import enShared from '../words/shared/en.json' with { type: 'json' }
import idCommon from '../words/common/id.json' with { type: 'json' }
import idLanding from '../words/landing/id.json' with { type: 'json' }
import idShared from '../words/shared/id.json' with { type: 'json' }

/** What this page reads out of the catalogue. */
export const CATALOGUES = {
  id: { ...idShared, ...idCommon, ...idLanding },
  en: { ...enShared, ...enCommon, ...enLanding },
}
