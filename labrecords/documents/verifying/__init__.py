"""From the bytes of any file to a verdict: is it whole, sealed by us, and true to the record inside?"""
