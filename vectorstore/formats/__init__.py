"""What each kind of file says of itself: bytes -> Draft."""
