"""The engines that turn pixels into boxes of text. Each runs in a confined child process and imports its library there alone."""
