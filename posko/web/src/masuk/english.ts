import enDoor from '../words/door/en.json' with { type: 'json' }
import enShared from '../words/shared/en.json' with { type: 'json' }

export const ENGLISH = { ...enShared, ...enDoor }
