// Bench room, the load. The leanest HTTP client that is still one: kept-alive connections and nothing else, since it
// shares the machine with what it measures.
import { Agent, request, type RequestOptions } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs: number;
}

export class HttpClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 512, maxFreeSockets: 512 });

  constructor(private readonly origin: string) {}

  post(path: string, headers: Readonly<Record<string, string>>, body: string): Promise<HttpAnswer> {
    const ofBody = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
    return this.send(path, { method: 'POST', headers: { ...headers, ...ofBody } }, body);
  }

  get(path: string, headers: Readonly<Record<string, string>>): Promise<HttpAnswer> {
    return this.send(path, { method: 'GET', headers });
  }

  close(): void {
    this.agent.destroy();
  }

  private send(path: string, how: RequestOptions, body?: string): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const call = request(this.origin + path, { ...how, agent: this.agent }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            body: Buffer.concat(parts).toString('utf8'),
            retryAfterMs: Number(answer.headers['retry-after'] ?? 1) * 1_000,
          }),
        );
      });
      call.on('error', reject);
      call.end(body);
    });
  }
}
