// What is used of the AWS SDK, to be imported when a bucket is opened. A bundle gives names of a CommonJS package only to who imports them statically.
export { S3 } from '@aws-sdk/client-s3';
