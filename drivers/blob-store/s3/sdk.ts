// The parts of the AWS SDK that the driver uses, imported when a bucket is opened. A bundle gives
// names of a CommonJS package only to modules that import them statically.
export { S3 } from '@aws-sdk/client-s3';
