// Platform room. A connection of its own that listens to one channel and comes back by itself when it is lost.
import pg from 'pg';
import { KEEP_ALIVE } from './bounded-client.js';

export interface Listening {
  close(): Promise<void>;
}

export interface ListenerOptions {
  readonly url: string;
  readonly name: string;
  readonly channel: string;
  readonly onMessage: (payload: string) => void;
  /** Messages may have been missed. */
  readonly onReconnect: () => void;
}

const AGAIN_AFTER_MS = 500;

export class Listener implements Listening {
  private client: pg.Client | undefined;
  private closed = false;
  private retry: NodeJS.Timeout | undefined;

  constructor(private readonly options: ListenerOptions) {}

  /** Fails where it cannot listen now: whoever asked tries again, and nothing of this one is left. */
  async start(): Promise<this> {
    await this.connect();
    return this;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    await this.client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const { url, name, channel, onMessage } = this.options;
    const client = new pg.Client({
      connectionString: url,
      application_name: name,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      ...KEEP_ALIVE,
    });
    client.on('notification', (message) => {
      onMessage(message.payload ?? '');
    });
    // Unheard, an error would end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    if (this.closed) {
      await client.end().catch(() => undefined);
      return;
    }
    this.client = client;
    client.on('error', () => {
      this.lose(client);
    });
    client.on('end', () => {
      this.lose(client);
    });
  }

  private lose(lost: pg.Client): void {
    if (this.closed || this.client !== lost) return;
    this.client = undefined;
    void lost.end().catch(() => undefined);
    this.connectLater();
  }

  private connectLater(): void {
    if (this.closed) return;
    this.retry = setTimeout(() => {
      this.connect().then(this.options.onReconnect, () => {
        this.connectLater();
      });
    }, AGAIN_AFTER_MS);
  }
}
