"""Where files are kept: adapters of the BlobStore port."""
