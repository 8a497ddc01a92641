// Serves the documentation at the admin port below `/docs/`, and `/llms.txt` for agents: files of
// the package, rendered when somebody asks for them first.
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { type IRouter, Router } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import { cachingOf, type ReadyFile, sendFile } from '../console/send-file.ts';
import { requireInwardHost } from '../guards/same-site.ts';
import { PAGE_POLICY } from '../guards/security-headers.ts';
import { onlyGet } from '../routing/problems.ts';
import type { Site, SiteFile } from './site.ts';

export interface DocsOptions {
  /** The root of the package. */
  readonly root: string;
  /** The folder that the build writes. */
  readonly built: string;
}

interface DocsSettings extends DocsOptions {
  readonly version: string;
  readonly allowedHosts: readonly string[];
}

/** Without `/docs`, which has all else. */
const BESIDE = ['/llms.txt', '/README.md', '/CHANGELOG.md', '/resources/generated/tenfold.schema.json'];

/** Browsers keep the fragment: `/errors#CODE` is where the `type` of an error leads. */
const MOVED: Readonly<Record<string, string>> = { '/docs': '/docs/', '/errors': '/docs/reference/errors' };

export function serveDocs({ root, built, version, allowedHosts }: DocsSettings): IRouter {
  let making: Promise<Site> | undefined;
  // A platform that nobody reads about loads no Markdown.
  const site = () => {
    making ??= import('./site.ts').then(({ createSite }) =>
      createSite({ root, built, version, asFiles: false, console: '/console/' }),
    );
    making.catch(() => {
      making = undefined;
    });
    return making;
  };
  const ready = new Map<string, Promise<ReadyFile>>();
  const router = Router({ caseSensitive: true });
  const paths = [...Object.keys(MOVED), '/docs/*path', ...BESIDE];
  router
    .route(paths)
    .all(requireInwardHost(allowedHosts))
    .get(async (request, response) => {
      const to = MOVED[request.path];
      if (to !== undefined) return response.redirect(308, to);
      // The path as it came: no encoded form of it is another way to a file.
      const path = request.path.slice(1);
      const make = (await site()).get(path);
      if (make === undefined)
        throw new TenfoldError('not-found', 'The documentation has no such page. GET /docs/ lists all of them.');
      const file = ready.get(path) ?? make().then(compressed);
      ready.set(path, file);
      file.catch(() => ready.delete(path));
      response.setHeader('content-security-policy', PAGE_POLICY);
      sendFile(request, response, await file, cachingOf(path, 'no-cache'));
    })
    .all(onlyGet);
  return router;
}

async function compressed({ type, content }: SiteFile): Promise<ReadyFile> {
  if (type === 'image/png') return { type, plain: content, gzip: undefined, brotli: undefined };
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5 };
  const [zipped, brotli] = await Promise.all([
    promisify(gzip)(content),
    promisify(brotliCompress)(content, { params }),
  ]);
  return { type, plain: content, gzip: zipped, brotli };
}
