"""Serve the built book on this machine only: on port 8000 if that is free, else on any."""

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


def open_server(folder):
    for port in (8000, 0):
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, directory=folder))
        except OSError:
            if not port:
                raise


server = open_server(sys.argv[1])
print(f"The book is at http://127.0.0.1:{server.server_port}/  (Ctrl-C stops)", flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    print()
