// HTTP suites. An account's owner as the API sees it: reads credits, lots and ledger, and follows the stream of
// figures.
import { openAccountKey, openBot, type BotWish, type TestBot } from '../harness/people.js';
import { BotClient, type Answer } from '../harness/bot-client.js';
import type { TestStack } from '../harness/test-stack.js';

export type Figures = Readonly<Record<string, unknown>> & { readonly entry_seq: string };

export interface StreamedFigure {
  readonly id: string;
  readonly figures: Figures;
  readonly arrivedAt: number;
}

export class Owner {
  private constructor(
    readonly stack: TestStack,
    readonly bot: TestBot,
    readonly key: string,
  ) {}

  static async open(stack: TestStack, wish: BotWish = {}): Promise<Owner> {
    const bot = await openBot(stack, wish);
    return new Owner(stack, bot, await openAccountKey(stack, bot.accountId));
  }

  get accountId(): string {
    return this.bot.accountId;
  }

  /** The bot, with its own key. */
  get jobs(): BotClient {
    return new BotClient(this.stack, this.bot);
  }

  async get(path: string): Promise<Answer> {
    return new BotClient(this.stack, { ...this.bot, key: this.key }).get(`/v1/account/${path}`);
  }

  async credits(query = ''): Promise<Figures> {
    return this.body(`credits${query}`) as Promise<Figures>;
  }

  async lots(query = ''): Promise<Readonly<Record<string, unknown>>[]> {
    return (await this.body(`credits/lots${query}`))['data'] as Readonly<Record<string, unknown>>[];
  }

  /** Follows the cursor to the end. */
  async all(path: string, betweenPages?: () => Promise<void>): Promise<Readonly<Record<string, unknown>>[]> {
    const found: Readonly<Record<string, unknown>>[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const body: Readonly<Record<string, unknown>> = await this.body(
        `${path}${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      found.push(...(body['data'] as Readonly<Record<string, unknown>>[]));
      cursor = body['next_cursor'] as string | null;
      if (cursor !== null) await betweenPages?.();
    }
    return found;
  }

  async follow(): Promise<FigureStream> {
    const line = new AbortController();
    const response = await fetch(`${this.stack.apiUrl}/v1/account/credits/stream`, {
      headers: { authorization: `Bearer ${this.key}` },
      signal: line.signal,
    });
    if (!response.ok || response.body === null) throw new Error(`no stream: ${response.status}`);
    return new FigureStream(response.body, line);
  }

  private async body(path: string): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.get(path);
    if (answer.status !== 200) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

export class FigureStream {
  readonly seen: StreamedFigure[] = [];
  private rouse: () => void = () => undefined;

  constructor(
    body: ReadableStream<Uint8Array>,
    private readonly line: AbortController,
  ) {
    void this.take(body).catch(() => undefined);
  }

  close(): void {
    this.line.abort();
  }

  /** The first figure that fits, among those that came and those still to come. */
  async until(fits: (figures: Figures) => boolean, withinMs = 10_000): Promise<StreamedFigure> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const found = this.seen.find(({ figures }) => fits(figures));
      if (found !== undefined) return found;
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`no such figure came; the last was ${JSON.stringify(this.seen.at(-1))}`);
      await new Promise<void>((resume) => {
        const timer = setTimeout(resume, left);
        this.rouse = () => {
          clearTimeout(timer);
          resume();
        };
      });
    }
  }

  private async take(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    for await (const chunk of body) {
      text += Buffer.from(chunk).toString();
      const frames = text.split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames.filter((one) => one.startsWith('id: '))) {
        const [id = '', event = '', data = ''] = frame.split('\n').map((line) => line.slice(line.indexOf(': ') + 2));
        if (event !== 'credits') throw new Error(`a figure of type ${event}`);
        this.seen.push({ id, figures: JSON.parse(data) as Figures, arrivedAt: performance.now() });
      }
      this.rouse();
    }
  }
}
