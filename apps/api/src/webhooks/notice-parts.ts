// API room. What the module takes in of what accounts are told: by webhooks, and in their own list.
import { NoticeReader } from './notice-reader.js';
import { NoticesController } from './notices.controller.js';
import { WebhookDesk } from './webhook-desk.js';
import { WebhooksController } from './webhooks.controller.js';

export const NOTICE_CONTROLLERS = [WebhooksController, NoticesController];

export const NOTICE_DESKS = [NoticeReader, WebhookDesk];
