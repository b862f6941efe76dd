import enBoard from '../words/board/en.json' with { type: 'json' }
import enDesk from '../words/desk/en.json' with { type: 'json' }
import enGrid from '../words/grid/en.json' with { type: 'json' }
import enOrders from '../words/orders/en.json' with { type: 'json' }
import idBoard from '../words/board/id.json' with { type: 'json' }
import idDesk from '../words/desk/id.json' with { type: 'json' }
import idGrid from '../words/grid/id.json' with { type: 'json' }
import idOrders from '../words/orders/id.json' with { type: 'json' }

/** What only the views say that are loaded when they are looked at. */
export const VIEW_CATALOGUES = {
  id: { ...idGrid, ...idBoard, ...idDesk, ...idOrders },
  en: { ...enGrid, ...enBoard, ...enDesk, ...enOrders },
}
