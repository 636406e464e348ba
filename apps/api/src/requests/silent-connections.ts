// API room. Connections on which nothing was ever said: browsers and clients open them in advance. The HTTP server
// calls only those idle that had a request, and would wait for these at its end until somebody else's patience is
// over.
import type { Server, Socket } from 'node:net';

export class SilentConnections {
  private readonly open = new Set<Socket>();

  constructor(server: Server) {
    server.on('connection', (socket) => {
      this.open.add(socket);
      socket.once('close', () => this.open.delete(socket));
    });
  }

  close(): void {
    for (const socket of this.open) if (socket.bytesRead === 0) socket.destroy();
  }
}
