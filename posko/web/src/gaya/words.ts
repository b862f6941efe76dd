import enCommon from '../words/common/en.json' with { type: 'json' }
import enBoard from '../words/board/en.json' with { type: 'json' }
import enDesk from '../words/desk/en.json' with { type: 'json' }
import enDoor from '../words/door/en.json' with { type: 'json' }
import enField from '../words/field/en.json' with { type: 'json' }
import enFormulir from '../words/formulir/en.json' with { type: 'json' }
import enGaya from '../words/gaya/en.json' with { type: 'json' }
import enGrid from '../words/grid/en.json' with { type: 'json' }
import enKonsol from '../words/konsol/en.json' with { type: 'json' }
import enDinding from '../words/dinding/en.json' with { type: 'json' }
import enImport from '../words/import/en.json' with { type: 'json' }
import enLapor from '../words/lapor/en.json' with { type: 'json' }
import enOrders from '../words/orders/en.json' with { type: 'json' }
import enPrint from '../words/print/en.json' with { type: 'json' }
import enShared from '../words/shared/en.json' with { type: 'json' }
import idCommon from '../words/common/id.json' with { type: 'json' }
import idBoard from '../words/board/id.json' with { type: 'json' }
import idDesk from '../words/desk/id.json' with { type: 'json' }
import idDoor from '../words/door/id.json' with { type: 'json' }
import idField from '../words/field/id.json' with { type: 'json' }
import idFormulir from '../words/formulir/id.json' with { type: 'json' }
import idGaya from '../words/gaya/id.json' with { type: 'json' }
import idGrid from '../words/grid/id.json' with { type: 'json' }
import idKonsol from '../words/konsol/id.json' with { type: 'json' }
import idDinding from '../words/dinding/id.json' with { type: 'json' }
import idImport from '../words/import/id.json' with { type: 'json' }
import idLapor from '../words/lapor/id.json' with { type: 'json' }
import idOrders from '../words/orders/id.json' with { type: 'json' }
import idPrint from '../words/print/id.json' with { type: 'json' }
import idShared from '../words/shared/id.json' with { type: 'json' }

/** What this page reads out of the catalogue. */
export const CATALOGUES = {
  id: { ...idShared, ...idCommon, ...idDoor, ...idField, ...idKonsol, ...idBoard, ...idDesk, ...idGrid, ...idOrders, ...idPrint, ...idDinding, ...idImport, ...idLapor, ...idFormulir, ...idGaya },
  en: { ...enShared, ...enCommon, ...enDoor, ...enField, ...enKonsol, ...enBoard, ...enDesk, ...enGrid, ...enOrders, ...enPrint, ...enDinding, ...enImport, ...enLapor, ...enFormulir, ...enGaya },
}
