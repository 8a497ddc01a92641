// The contract of the blob store over a real S3 server, with parts as small as S3 allows, so that
// long objects are written in several.
import { realWorld } from '../../../core/world.ts';
import { openS3BlobStore } from '../../../drivers/blob-store/s3/s3-blob-store.ts';
import { s3, toS3Connection } from '../../services/s3.ts';
import { findService } from '../../services/service.ts';
import { blobStoreContract } from './blob-store-contract.ts';

const service = findService(s3);

if (service)
  blobStoreContract({
    name: 'S3',
    async create() {
      const prefix = `contract-${process.pid}-${Date.now().toString(36)}/`;
      const open = () =>
        openS3BlobStore({
          world: realWorld,
          connection: toS3Connection(service.url()),
          prefix,
          partBytes: 5 * 1024 * 1024,
        });
      let blobs = await open();
      return {
        get blobs() {
          return blobs;
        },
        async reopen() {
          await blobs.close();
          blobs = await open();
        },
        async destroy() {
          await blobs.close();
        },
      };
    },
  });
