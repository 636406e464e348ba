// API room. The OpenAPI document: routes as they declare themselves, schemas from zod.
import type { ApiConfig } from '@fairmeter/platform';
import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { sessionCookieName } from '../auth/session-cookie.js';
import { jsonSchemas } from './schemas.js';
import { API_KEY, IDENTITY_TOKEN, SESSION, tellRights, VISITOR_TOKEN } from './told-rights.js';

const ABOUT =
  'Submit AI work, watch it being metered step by step, and see what it cost and why. Amounts are decimal strings of ' +
  'credits, instants are RFC 3339 in UTC. Every error is a problem document (RFC 9457) with a stable `code`; its ' +
  '`type` is a page that explains it.';

export function openApiDocument(app: INestApplication, config: ApiConfig): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Fairmeter')
    .setDescription(ABOUT)
    .setVersion(config.buildVersion)
    .setOpenAPIVersion('3.1.0')
    .addServer(config.publicUrl ?? '/')
    .addTag('Jobs')
    .addTag('Prices')
    .addTag('Account')
    .addTag('Visitors')
    .addTag('People')
    .addTag('Operations')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'The API key of a bot or an account: `fm_...`.' },
      API_KEY,
    )
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'The token of a visitor, given by the owner of the bot.' },
      VISITOR_TOKEN,
    )
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The token of a person, by an issuer.' },
      IDENTITY_TOKEN,
    )
    .addCookieAuth(
      sessionCookieName(config),
      { type: 'apiKey', in: 'cookie', description: 'Of a person who has signed in to the page.' },
      SESSION,
    );
  const document = SwaggerModule.createDocument(app, builder.build());
  tellRights(document);
  return { ...document, components: { ...document.components, schemas: jsonSchemas() } };
}
