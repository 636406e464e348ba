// Providers room, test double: an HTTP server on a free port that answers with exactly the bytes it is told,
// cut where it is told, and that stalls or drops the connection on demand. A request beyond its script gets a 599.
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** After the body: close it properly, drop the connection, or say nothing more. */
export type BodyEnd = 'close' | 'reset' | 'stall';

export interface WireReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Written one by one, each as an HTTP chunk of its own. */
  readonly pieces?: readonly (string | Buffer)[];
  readonly betweenPiecesMs?: number;
  readonly end?: BodyEnd;
  /** Never comes to the headers: drops the connection or stays silent. */
  readonly beforeHeaders?: 'reset' | 'stall';
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export class ProtocolServer {
  readonly requests: SeenRequest[] = [];
  private readonly script: WireReply[] = [];
  private readonly sockets = new Set<Socket>();
  private closedEarly = 0;

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
    });
    server.on('request', (request, response) => {
      void this.serve(request, response);
    });
  }

  static async start(): Promise<ProtocolServer> {
    const server = createServer();
    const doubled = new ProtocolServer(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return doubled;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Responses whose client went away before they ended. */
  get abandoned(): number {
    return this.closedEarly;
  }

  willReply(...replies: readonly WireReply[]): void {
    this.script.push(...replies);
  }

  /** Forgets what was seen and scripted. */
  clear(): void {
    this.requests.length = 0;
    this.script.length = 0;
    this.closedEarly = 0;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) {
      socket.destroy();
    }
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    response.on('close', () => {
      this.closedEarly += response.writableFinished ? 0 : 1;
    });
    this.requests.push({
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: await bodyOf(request),
    });
    const reply = this.script.shift() ?? { status: 599, pieces: ['the protocol server has no more replies'] };
    if (reply.beforeHeaders !== undefined) {
      if (reply.beforeHeaders === 'reset') {
        response.socket?.resetAndDestroy();
      }
      return;
    }
    response.writeHead(reply.status ?? 200, reply.headers ?? {});
    response.flushHeaders();
    for (const piece of reply.pieces ?? []) {
      await written(response, piece);
      await pause(reply.betweenPiecesMs);
    }
    await this.finish(response, reply.end ?? 'close');
  }

  private async finish(response: ServerResponse, end: BodyEnd): Promise<void> {
    if (end === 'close') {
      response.end();
    }
    if (end === 'reset') {
      // What was written has to leave first, or the reset would swallow it.
      await pause(20);
      response.socket?.resetAndDestroy();
    }
  }
}

/** Cuts bytes at the given offsets; offsets outside or twice are ignored. */
export function cutAt(bytes: Buffer, offsets: readonly number[]): Buffer[] {
  const cuts = [...new Set([0, ...offsets, bytes.length])]
    .filter((offset) => offset >= 0 && offset <= bytes.length)
    .sort((left, right) => left - right);
  return cuts.slice(1).map((end, at) => bytes.subarray(cuts[at], end));
}

/** Leaves this process before the next piece is written, else the system would join the two. */
async function written(response: ServerResponse, piece: string | Buffer): Promise<void> {
  await new Promise<void>((resolve) => response.write(piece, () => setImmediate(resolve)));
}

async function pause(milliseconds: number | undefined): Promise<void> {
  if (milliseconds !== undefined) {
    await new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) {
    parts.push(part as Buffer);
  }
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? null : (JSON.parse(text) as unknown);
}
