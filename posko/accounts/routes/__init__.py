"""The routes of the room: signing in, one's own account, people and their devices, desks, the log."""

from posko.accounts.routes import desk, devices, factors, keys, log, own, people, sign_in

routes = [
    *sign_in.routes,
    *devices.routes,
    *own.routes,
    *factors.routes,
    *people.routes,
    *keys.routes,
    *desk.routes,
    *log.routes,
]
