# SPDX-License-Identifier: MIT
"""pyftpdlib's server: ftp_server.py PORT ROOT PASSWORD."""

import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

port, root, password = sys.argv[1:]
authorizer = DummyAuthorizer()
authorizer.add_user("me", password, root, perm="elradfmwMT")
authorizer.add_user("reader", password, root, perm="elr")
authorizer.add_anonymous(root, perm="elradfmwMT")
FTPHandler.authorizer = authorizer
FTPHandler.auth_failed_timeout = 0
FTPServer(("127.0.0.1", int(port)), FTPHandler).serve_forever()
