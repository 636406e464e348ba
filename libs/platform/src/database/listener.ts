// Platform room. A connection of its own that listens to one channel and comes back by itself when it is lost.
import pg from 'pg';

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

export class Listener implements Listening {
  private client: pg.Client | undefined;
  private closed = false;
  private retry: NodeJS.Timeout | undefined;

  constructor(private readonly options: ListenerOptions) {}

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
    const client = new pg.Client({ connectionString: url, application_name: name, keepAlive: true });
    client.on('notification', (message) => {
      onMessage(message.payload ?? '');
    });
    client.on('error', () => {
      this.again(client);
    });
    client.on('end', () => {
      this.again(client);
    });
    this.client = client;
    await client.connect();
    await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
  }

  private again(lost: pg.Client): void {
    if (this.closed || this.client !== lost) return;
    this.client = undefined;
    this.retry = setTimeout(() => {
      this.connect().then(this.options.onReconnect, () => {
        if (this.client !== undefined) this.again(this.client);
      });
    }, 500);
  }
}
