import enCommon from '../words/common/en.json' with { type: 'json' }
import enField from '../words/field/en.json' with { type: 'json' }
import enFormulir from '../words/formulir/en.json' with { type: 'json' }
import enLapor from '../words/lapor/en.json' with { type: 'json' }
import enShared from '../words/shared/en.json' with { type: 'json' }
import enSuara from '../words/suara/en.json' with { type: 'json' }

export const ENGLISH = { ...enShared, ...enCommon, ...enField, ...enLapor, ...enFormulir, ...enSuara }
