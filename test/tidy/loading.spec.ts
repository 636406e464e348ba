// Tidy room. Goal: the test loader takes each kind of module the house uses. Method: import one of each and use it.
import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import proto from '@temporalio/proto';
import { Column, Entity, getMetadataArgsStorage, PrimaryColumn } from 'typeorm';

@Injectable()
class Greeting {
  text(): string {
    return 'metered fairly';
  }
}

@Controller()
class GreetingController {
  constructor(private readonly greeting: Greeting) {}

  @Get('/greeting')
  read(): { text: string } {
    return { text: this.greeting.text() };
  }
}

@Module({ controllers: [GreetingController], providers: [Greeting] })
class GreetingModule {}

@Entity('greeting')
class GreetingRow {
  @PrimaryColumn()
  id!: string;

  @Column({ type: 'bigint' })
  amount!: string;
}

describe('the test loader', () => {
  it('takes a room by its package name from its TypeScript sources', async () => {
    const domain = await import('@fairmeter/domain');
    expect(Object.keys(domain).length).toBeGreaterThan(0);
    expect(import.meta.resolve('@fairmeter/domain')).toMatch(/libs.domain.src.index.ts$/);
  });

  it('injects by constructor type into a Nest application that answers over HTTP', async () => {
    const testing = await Test.createTestingModule({ imports: [GreetingModule] }).compile();
    const app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    try {
      const answer = await fetch(`${await app.getUrl()}/greeting`);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({ text: 'metered fairly' });
    } finally {
      await app.close();
    }
  });

  it('takes the Temporal client and writes a history as JSON', () => {
    const history = proto.temporal.api.history.v1.History.create({
      events: [{ eventType: proto.temporal.api.enums.v1.EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED }],
    });
    expect(historyToJSON(history)).toContain('EVENT_TYPE_WORKFLOW_EXECUTION_STARTED');
    expect(typeof Client).toBe('function');
    expect(typeof Connection.lazy).toBe('function');
  });

  it('reads TypeORM columns from decorators', () => {
    const columns = getMetadataArgsStorage().filterColumns(GreetingRow);
    expect(columns.map((column) => column.propertyName)).toEqual(['id', 'amount']);
  });

  it('takes a CommonJS package that offers only `require`', () => {
    const require = createRequire(import.meta.url);
    expect(typeof (require('pg') as { Pool: unknown }).Pool).toBe('function');
  });
});
