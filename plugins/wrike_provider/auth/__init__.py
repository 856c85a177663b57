"""What a Connection knows about the grant it holds, and how requests are signed with it."""
