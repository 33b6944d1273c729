"""Looking ahead: what a period will come to, what is unusual, what comes back. Values in, values out; whole numbers throughout, estimates too."""
