// The contract of the blob store in a folder.
import { openBlobs } from '../../drivers/blob-store/folder/open-blobs.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { blobStoreContract } from './blob-store-contract.ts';

blobStoreContract({
  name: 'folder',
  async create() {
    const folder = temporaryFolder();
    let blobs = await openBlobs(folder.path);
    return {
      get blobs() {
        return blobs;
      },
      async reopen() {
        await blobs.close();
        blobs = await openBlobs(folder.path);
      },
      async destroy() {
        await blobs.close();
        folder.remove();
      },
    };
  },
});
