"""Receipts: from a picture to fields. Reads files through engines that run in processes of their own; stores and asks nothing."""
