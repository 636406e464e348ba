// Test harness. Whoever an account has its events sent to: keeps what came, and answers as it is told.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { until } from './until.js';

export interface Received {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export class WebhookReceiver {
  readonly received: Received[] = [];
  private readonly answers: number[] = [];
  private usual = 204;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on('request', (request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const body = Buffer.concat(pieces).toString('utf8');
        receiver.keep(body, request.headers as Record<string, string>);
        response.writeHead(receiver.answers.shift() ?? receiver.usual, { location: '/elsewhere' }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  /** The next requests get these, and those after them the usual. */
  answer(...statuses: readonly number[]): void {
    this.answers.push(...statuses);
  }

  always(status: number): void {
    this.usual = status;
  }

  get ids(): string[] {
    return this.received.map(({ id }) => id);
  }

  async untilReceived(count: number, withinMs?: number): Promise<readonly Received[]> {
    return until(
      async () => [...this.received],
      (all) => all.length >= count,
      withinMs,
    );
  }

  /** As the library of whoever receives them does; throws where it does not fit. */
  verify(secret: string, { body, headers }: Received): unknown {
    return new Webhook(secret).verify(body, headers);
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }

  private keep(body: string, headers: Readonly<Record<string, string>>): void {
    const { type, data } = JSON.parse(body) as Pick<Received, 'type' | 'data'>;
    this.received.push({ id: headers['webhook-id'] ?? '', type, data, body, headers });
  }
}
