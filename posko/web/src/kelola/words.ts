import enCommon from '../words/common/en.json' with { type: 'json' }
import enAturan from '../words/aturan/en.json' with { type: 'json' }
import enDoor from '../words/door/en.json' with { type: 'json' }
import enField from '../words/field/en.json' with { type: 'json' }
import enKelola from '../words/kelola/en.json' with { type: 'json' }
import enKesehatan from '../words/kesehatan/en.json' with { type: 'json' }
import enOperasi from '../words/operasi/en.json' with { type: 'json' }
import enPrint from '../words/print/en.json' with { type: 'json' }
import enImport from '../words/import/en.json' with { type: 'json' }
import enShared from '../words/shared/en.json' with { type: 'json' }
import enWebhook from '../words/webhook/en.json' with { type: 'json' }
import idCommon from '../words/common/id.json' with { type: 'json' }
import idAturan from '../words/aturan/id.json' with { type: 'json' }
import idDoor from '../words/door/id.json' with { type: 'json' }
import idField from '../words/field/id.json' with { type: 'json' }
import idKelola from '../words/kelola/id.json' with { type: 'json' }
import idKesehatan from '../words/kesehatan/id.json' with { type: 'json' }
import idOperasi from '../words/operasi/id.json' with { type: 'json' }
import idPrint from '../words/print/id.json' with { type: 'json' }
import idImport from '../words/import/id.json' with { type: 'json' }
import idShared from '../words/shared/id.json' with { type: 'json' }
import idWebhook from '../words/webhook/id.json' with { type: 'json' }

/** What this page reads out of the catalogue. */
export const CATALOGUES = {
  id: { ...idShared, ...idCommon, ...idDoor, ...idField, ...idImport, ...idKelola, ...idOperasi, ...idPrint, ...idAturan, ...idWebhook, ...idKesehatan },
  en: { ...enShared, ...enCommon, ...enDoor, ...enField, ...enImport, ...enKelola, ...enOperasi, ...enPrint, ...enAturan, ...enWebhook, ...enKesehatan },
}
