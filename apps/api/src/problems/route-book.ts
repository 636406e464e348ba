// API room. Which paths are served by which methods: the router itself cannot tell a wrong method from a wrong path.
import { Injectable } from '@nestjs/common';

interface Route {
  /** As it was declared, parameters by name. */
  readonly path: string;
  readonly pattern: RegExp;
  readonly method: string;
}

@Injectable()
export class RouteBook {
  private readonly routes: Route[] = [];

  note(methods: string | readonly string[], path: string): void {
    // The catch-all of a plug-in says nothing about what is served.
    if (path === '*' || path === '/*') return;
    const parts = path.split('/').map(partPattern);
    const pattern = new RegExp(`^${parts.join('/')}/?$`);
    for (const method of [methods].flat()) this.routes.push({ path, pattern, method });
  }

  /** One line for each thing that is served: its method and its path. */
  all(): string[] {
    return [...new Set(this.routes.map(({ method, path }) => `${method} ${path}`))].sort();
  }

  methodsOf(url: string): string[] {
    const path = url.split(/[?#]/)[0] ?? '';
    const methods = this.routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    return [...new Set(methods)].sort();
  }
}

/** A star at the end of a path is the rest of it, slashes and all. */
function partPattern(part: string): string {
  if (part === '*') return '.+';
  return part.startsWith(':') ? '[^/]+' : literal(part);
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
