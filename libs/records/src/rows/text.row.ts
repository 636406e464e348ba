// Records room. Prompts and answers, kept apart from the ledger so that a person's words can be deleted.
import type { Instant } from '@fairmeter/domain';
import { intColumn, momentColumn, nullable, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AnswerTold } from '../kept-answers.js';

@Entity({ schema: 'records', name: 'texts' })
export class TextRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(textColumn('subject'))
  readonly subject!: string;

  @Column(textColumn('purpose'))
  readonly purpose!: 'prompt' | 'answer';

  @Column(textColumn('body'))
  readonly body!: string;

  @Column(intColumn('bytes'))
  readonly bytes!: number;

  /** Of a prompt: which action on which content it asks for. */
  @Column(nullable(textColumn('asked_hash')))
  readonly askedHash!: string | null;

  /** Of a model's answer: what came along with it, and how often writing down the end of its step was given up. */
  @Column({ name: 'told', type: 'jsonb', nullable: true })
  readonly told!: AnswerTold | null;

  @Column({ ...intColumn('unrecorded'), default: 0 })
  readonly unrecorded!: number;

  @Column({ ...momentColumn('created_at'), default: () => 'clock_timestamp()' })
  readonly createdAt!: Instant;
}
