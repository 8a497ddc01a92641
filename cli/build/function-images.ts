// Puts a function on top of a base image: the same code on the same base has the same digest, wherever it is built.
import { appendLayer, type Image } from '../../images/image.ts';
import { createLayer } from '../../images/layer.ts';
import { BUNDLE_KEY, type Bundle } from '../../k8s/apply/bundle.ts';

const FOLDER = '/function';

/** One for each platform: code is the same on all of them. */
export async function functionImages(
  bases: readonly Image[],
  name: string,
  bundle: Pick<Bundle, 'bytes'>,
): Promise<readonly Image[]> {
  const path = `${FOLDER}/${BUNDLE_KEY}`;
  const layer = await createLayer([{ path, content: bundle.bytes }]);
  return bases.map(base =>
    appendLayer(base, layer, {
      Env: [`TENFOLD_FUNCTION=${path}`, `TENFOLD_FUNCTION_NAME=${name}`],
      Labels: { 'org.opencontainers.image.title': name },
    }),
  );
}
