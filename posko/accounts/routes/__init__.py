"""The routes of the room: signing in, one's own account, people and their devices, desks, the log."""

from posko.accounts.routes import desk, devices, factors, log, own, people, sign_in

routes = [
    *sign_in.routes,
    *devices.routes,
    *own.routes,
    *factors.routes,
    *people.routes,
    *desk.routes,
    *log.routes,
]
