// Simulation. The wire between one writing process and Postgres: it can be cut at any moment, and it can break at
// COMMIT, before the command reaches the server or before its answer reaches the client.
import { HangUpAtCommit, type LostAtCommit } from '../../harness/hang-up-at-commit.js';
import { TcpProxy } from '../../harness/tcp-proxy.js';
import { pause } from '../../harness/until.js';

export class FailingWire {
  private constructor(
    readonly url: string,
    private readonly wire: TcpProxy,
    private readonly atCommit: Readonly<Record<LostAtCommit, HangUpAtCommit>>,
  ) {}

  static async before(target: string): Promise<FailingWire> {
    const wire = await TcpProxy.before(new URL(target).host);
    const behind = new URL(target);
    behind.host = wire.address;
    const answer = await HangUpAtCommit.listen(behind.href, 'answer');
    const command = await HangUpAtCommit.listen(answer.url(behind.href), 'command');
    return new FailingWire(command.url(behind.href), wire, { answer, command });
  }

  async cut(forMs: number): Promise<void> {
    this.wire.cut();
    await pause(forMs);
    this.wire.restore();
  }

  /** The next COMMIT on this wire is lost, or nobody hears that it was done. */
  loseAtCommit(lost: LostAtCommit): void {
    this.atCommit[lost].armed = true;
  }

  async close(): Promise<void> {
    await this.atCommit.command.close();
    await this.atCommit.answer.close();
    await this.wire.close();
  }
}
