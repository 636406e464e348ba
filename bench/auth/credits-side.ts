// Bench room, who is asking. Asks one API what the account has, over HTTP with a key, and keeps how long each answer
// took.
import type { Side, Submitted } from '../measure/side.js';
import { HttpClient, type HttpAnswer } from '../submit/http-client.js';
import type { BenchApi } from './bench-apis.js';

const PATH = '/v1/account/credits';
const ANSWERED = Promise.resolve();

/** What an answer says that does not move with the clock. */
interface Figures {
  readonly available?: string;
  readonly entry_seq?: string;
}

export class CreditsSide implements Side {
  readonly name: string;
  private asked = 0;
  private timings: number[] = [];
  private readonly http: HttpClient;

  private constructor(
    { name, url }: BenchApi,
    private readonly key: string,
    private readonly figures: string,
  ) {
    this.name = name;
    this.http = new HttpClient(url);
  }

  /** Both sides, once they are known to say the same, and to differ in whom they let in. */
  static async pair(
    apis: { readonly checked: BenchApi; readonly bare: BenchApi },
    key: string,
  ): Promise<{ readonly checked: CreditsSide; readonly bare: CreditsSide }> {
    const said = await answerOf(apis.checked, { authorization: `Bearer ${key}` });
    const saidBare = await answerOf(apis.bare, { authorization: `Bearer ${key}` });
    const stranger = await answerOf(apis.checked, {});
    const strangerBare = await answerOf(apis.bare, {});
    const figures = figuresOf(said.body);
    if (said.status !== 200 || saidBare.status !== 200 || figuresOf(saidBare.body) !== figures) {
      throw new Error(`the sides say different things: ${said.body} and ${saidBare.body}`);
    }
    if (stranger.status !== 401 || strangerBare.status !== 200) {
      throw new Error(`without a key the sides answered ${stranger.status} and ${strangerBare.status}`);
    }
    return { checked: new CreditsSide(apis.checked, key, figures), bare: new CreditsSide(apis.bare, key, figures) };
  }

  /** How many answers were asked for in all. */
  get count(): number {
    return this.asked;
  }

  /** Milliseconds of the answers since it was last asked. */
  takeTimings(): readonly number[] {
    const taken = this.timings;
    this.timings = [];
    return taken;
  }

  async submit(): Promise<Submitted> {
    this.asked += 1;
    const asked = performance.now();
    const answer = await this.http.get(PATH, { authorization: `Bearer ${this.key}` });
    const admittedMs = performance.now() - asked;
    if (answer.status !== 200 || figuresOf(answer.body) !== this.figures) {
      throw new Error(`${this.name} answered ${answer.status}: ${answer.body}`);
    }
    this.timings.push(admittedMs);
    return { admittedMs, done: ANSWERED };
  }

  close(): void {
    this.http.close();
  }
}

async function answerOf({ url }: BenchApi, headers: Readonly<Record<string, string>>): Promise<HttpAnswer> {
  const http = new HttpClient(url);
  try {
    return await http.get(PATH, headers);
  } finally {
    http.close();
  }
}

function figuresOf(body: string): string {
  const { available, entry_seq: entrySeq } = JSON.parse(body) as Figures;
  return `${available} at entry ${entrySeq}`;
}
