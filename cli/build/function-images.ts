// Puts a function on top of a base image: the same code on the same base has the same
// digest, wherever it is built.
import { appendLayer, type Image } from '../../images/image.ts';
import { createLayer } from '../../images/layer.ts';
import { BUNDLE_KEY, type Bundle } from '../../k8s/apply/bundle.ts';

const FOLDER = '/function';
/** The prefix of labels whose meaning the image-spec gives (annotations.md of v1.1). */
const PREDEFINED = 'org.opencontainers.image.';

/** One for each platform: code is the same on all of them. */
export async function functionImages(
  bases: readonly Image[],
  name: string,
  bundle: Pick<Bundle, 'bytes'>,
): Promise<readonly Image[]> {
  const path = `${FOLDER}/${BUNDLE_KEY}`;
  const layer = await createLayer([{ path, content: bundle.bytes }]);
  return bases.map(base =>
    appendLayer(withoutOwnLabels(base), layer, {
      Env: [`TENFOLD_FUNCTION=${path}`, `TENFOLD_FUNCTION_NAME=${name}`],
      Labels: {
        [`${PREDEFINED}title`]: name,
        // The name and the time are left out: a mirror, or a later build, has others, and all else
        // is the same.
        ...(base.digest === undefined ? {} : { [`${PREDEFINED}base.digest`]: base.digest }),
      },
    }),
  );
}

/** These labels describe the base: its version, its licence, where its source is. */
function withoutOwnLabels(base: Image): Image {
  const { Labels = {}, ...config } = base.config;
  const others = Object.entries(Labels).filter(([label]) => !label.startsWith(PREDEFINED));
  return { ...base, config: { ...config, ...(others.length > 0 ? { Labels: Object.fromEntries(others) } : {}) } };
}
