import enCommon from '../words/common/en.json' with { type: 'json' }
import enAkun from '../words/akun/en.json' with { type: 'json' }
import enDesk from '../words/desk/en.json' with { type: 'json' }
import enDoor from '../words/door/en.json' with { type: 'json' }
import enField from '../words/field/en.json' with { type: 'json' }
import enImport from '../words/import/en.json' with { type: 'json' }
import enPrint from '../words/print/en.json' with { type: 'json' }
import enShared from '../words/shared/en.json' with { type: 'json' }
import idCommon from '../words/common/id.json' with { type: 'json' }
import idAkun from '../words/akun/id.json' with { type: 'json' }
import idDesk from '../words/desk/id.json' with { type: 'json' }
import idDoor from '../words/door/id.json' with { type: 'json' }
import idField from '../words/field/id.json' with { type: 'json' }
import idImport from '../words/import/id.json' with { type: 'json' }
import idPrint from '../words/print/id.json' with { type: 'json' }
import idShared from '../words/shared/id.json' with { type: 'json' }

/** What this page reads out of the catalogue. */
export const CATALOGUES = {
  id: { ...idShared, ...idCommon, ...idDoor, ...idField, ...idImport, ...idPrint, ...idDesk, ...idAkun },
  en: { ...enShared, ...enCommon, ...enDoor, ...enField, ...enImport, ...enPrint, ...enDesk, ...enAkun },
}
