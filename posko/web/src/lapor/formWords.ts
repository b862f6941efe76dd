import idCommon from '../words/common/id.json' with { type: 'json' }
import idField from '../words/field/id.json' with { type: 'json' }
import idFormulir from '../words/formulir/id.json' with { type: 'json' }
import idSuara from '../words/suara/id.json' with { type: 'json' }

/** The words of the screens that are fetched when they are wanted. */
export const FORM_WORDS = { ...idCommon, ...idField, ...idFormulir, ...idSuara }
