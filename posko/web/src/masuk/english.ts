import enCommon from '../words/common/en.json' with { type: 'json' }
import enDoor from '../words/door/en.json' with { type: 'json' }
import enShared from '../words/shared/en.json' with { type: 'json' }

export const ENGLISH = { ...enShared, ...enCommon, ...enDoor }
