#!/bin/sh
# Makes the bucket of the document service and a user who can use that bucket and nothing else. Run again, it changes
# nothing. In /run/secrets: `config.env` (the administrator), `access_key` and `secret_key` (the user to make).
set -eu
. /run/secrets/config.env
export MC_HOST_store="http://${MINIO_ROOT_USER}:${MINIO_ROOT_PASSWORD}@${MINIO_HOST:-minio}:9000"
bucket=${S3_BUCKET:-atrium-documents}
user=$(cat /run/secrets/access_key)

mc --quiet mb --ignore-existing "store/$bucket"
cat > /tmp/policy.json <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    { "Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::$bucket", "arn:aws:s3:::$bucket/*"] }
  ]
}
POLICY
mc --quiet admin policy create store "$bucket" /tmp/policy.json
mc --quiet admin user add store "$user" "$(cat /run/secrets/secret_key)"
mc --quiet admin policy attach store "$bucket" --user "$user" || mc --quiet admin user info store "$user"
