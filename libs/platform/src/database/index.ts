// Platform's database door.
export * from './columns.js';
export type { DataSourceOptions, EntityList } from './data-source.js';
export * from './entity-database.js';
export type { EntityManager } from 'typeorm';
export * from './ids.js';
export type { Listening, ListenerOptions } from './listener.js';
export * from './migrate.js';
export { PLANNED_ONCE, plannedOnce } from './planning-client.js';
export * from './roles.js';
export * from './tenant-database.js';
export * from './writer-database.js';
